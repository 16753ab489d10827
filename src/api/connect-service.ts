/** The AI clients that the window helps to connect; `other` is every one that is not known by name. */
export type ClientKind = 'claude-code' | 'claude-desktop' | 'vs-code' | 'cursor' | 'other';

/** What a client is to reach. */
export interface ConnectChoice {
  tenant: string;
  /** Whether it is to change nothing, whatever it is allowed. */
  readOnly: boolean;
}

/** Something to copy into a client. */
export interface ConnectText {
  /** What it is for, and where it belongs. */
  label: string;
  text: string;
}

/** How one client is connected. */
export interface ClientGuide {
  kind: ClientKind;
  name: string;
  /** Opens the client, which then asks whether to add Tandem. */
  link?: string;
  /** For a terminal. */
  command?: ConnectText;
  /** Whether the client was found on this computer; absent where that cannot be told. */
  isInstalled?: boolean;
  texts: ConnectText[];
  /** The client's own configuration, where Tandem can write it. */
  file?: ClientFile;
  /** How a test of the connection reaches Tandem: as this client does. */
  transport: 'http' | 'stdio';
}

/** The state of a client's configuration file. */
export interface ClientFile {
  path: string;
  /** `other`: it has an entry for Tandem, but not this one; `unreadable`: `problem` says why. */
  state: 'missing' | 'without' | 'current' | 'other' | 'unreadable';
  problem?: string;
  /** Whether the last change that Tandem made can be taken back. */
  canUndo: boolean;
}

/** One line of a file before and after a change; `gap` stands for lines that are left out. */
export interface DiffLine {
  kind: 'same' | 'added' | 'removed' | 'gap';
  text: string;
}

/** What would become of a client's configuration file. */
export interface FilePreview {
  path: string;
  /** Of the file as it is now; whoever writes says which one they have seen. */
  version: string;
  /** Empty where nothing would change. */
  lines: DiffLine[];
  isNew: boolean;
}

export type FileOutcome =
  | { state: 'written'; backup?: string | undefined }
  /** Somebody else has changed it since it was shown; nothing was written. */
  | { state: 'changed'; preview: FilePreview };

/** A client of one kind, and whether it is there. Times are RFC 3339, UTC. */
export interface ClientStatus {
  kind: ClientKind;
  /** As people know it. */
  name: string;
  /** `asking`: it waits to be allowed; `allowed`: it has not called yet; `before`: it has not called since Tandem was started. */
  state: 'asking' | 'allowed' | 'connected' | 'before';
  tenant?: string | undefined;
  lastCall?: string | undefined;
  /** The tool that it called last. */
  tool?: string | undefined;
}

/** One step of a test of the connection. */
export interface TestStep {
  id: 'initialize' | 'tools' | 'call';
  state: 'running' | 'ok' | 'failed';
  /** What came of it, or what to do. */
  says?: string;
  ms?: number;
}

/** Connects AI clients: what each needs, whether it is there, and a test. */
export interface ConnectService {
  guides(choice: ConnectChoice): Promise<ClientGuide[]>;
  status(): ClientStatus[];
  /** @throws DirectoryError INVALID_ARGUMENT for a file that is not valid, UNAVAILABLE for one that cannot be read. */
  previewFile(kind: ClientKind, action: 'add' | 'remove', choice: ConnectChoice): Promise<FilePreview>;
  /**
   * Writes what was shown, with a backup beside it.
   * @param version that was shown. @throws DirectoryError as previewFile; then nothing is written.
   */
  writeFile(kind: ClientKind, action: 'add' | 'remove', choice: ConnectChoice, version: string): Promise<FileOutcome>;
  /** Takes back the last change. @throws DirectoryError VERSION_MISMATCH if the file was changed since, NOT_FOUND if there is none. */
  undoFile(kind: ClientKind): Promise<void>;
  /** A real round trip as a client makes it, step by step, until it is over or the signal ends it. Never throws. */
  test(kind: ClientKind, choice: ConnectChoice, signal?: AbortSignal): AsyncGenerator<TestStep>;
}
