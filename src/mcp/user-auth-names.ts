/** The addresses of the module's resources (seed 003). */
export const userAuthResources = {
  capabilities: 'mcp://user-auth/capabilities',
  metrics: 'mcp://user-auth/metrics',
  sessions: 'mcp://user-auth/sessions',
} as const;

/** The names of its prompts. */
export const userAuthPrompts = {
  onboarding: 'user-auth_onboarding',
  offboarding: 'user-auth_offboarding',
  accessReview: 'user-auth_access_review',
} as const;
