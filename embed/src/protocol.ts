// What the link page and the page that embeds it say to each other, and which of it is believed.

const TYPE = 'OFAUTH_LINK';

/** The account that was connected, as the platform tells it. */
export interface UserData {
  id: string;
  name: string;
  username: string;
  avatar: string | null;
}

/** A connection was made. */
export interface Success {
  /** The app's redirect URL with the success parameters; empty where the app has none. */
  successUrl: string;
  /** Whether this page goes to `successUrl`: the app's `redirectOnSuccess`. */
  redirect: boolean;
  /** Missing only where `getStatus` answered without `data`. */
  connection?: { id: string; userData: UserData };
  /** The same as `connection.userData`. */
  user?: UserData;
}

/** Where the user was when the page was left. */
export type Step = 'pre-login' | 'authorization' | 'login' | '2fa' | 'success' | 'error';

/** The page was closed without a connection, or the session ended in an error. */
export interface Exit {
  type: 'user_exit' | 'error' | 'forced_exit';
  step?: Step;
  error: null | { error_type: string; error_message: string };
}

/** What can be tried in the sandbox, and where its page stands. */
export interface SandboxInfo {
  scenarios: {
    id: string;
    accountType: 'creator' | 'fan';
    loginType: 'password' | 'app_otp';
    password: string;
    otpCode?: string;
  }[];
  activeScenarioId: string;
  currentScreen: string;
}

/** A message of the link page, checked. */
export type Message =
  | { event: 'loaded' }
  | { event: 'invalid_session' }
  | { event: 'success'; metadata: Success }
  | { event: 'exit'; metadata: Exit }
  | { event: 'sandbox_info'; metadata: SandboxInfo };

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';

const isUser = (value: unknown) =>
  isObject(value) && isText(value.id) && isText(value.name) && isText(value.username) && (value.avatar === null || isText(value.avatar));

/** Whether this page may be sent to an address: a `javascript:` one would run here. */
export const isWebUrl = (value: unknown): value is string => isText(value) && /^https?:\/\//.test(value);

const isSuccess = (value: unknown) =>
  isObject(value) &&
  (value.successUrl === '' || isWebUrl(value.successUrl)) &&
  typeof value.redirect === 'boolean' &&
  isObject(value.connection) &&
  isText(value.connection.id) &&
  isUser(value.connection.userData);

const isExit = (value: unknown) =>
  isObject(value) &&
  /^(user_exit|error|forced_exit)$/.test(String(value.type)) &&
  (value.step === undefined || isText(value.step)) &&
  (value.error === null || (isObject(value.error) && isText(value.error.error_type) && isText(value.error.error_message)));

const isSandboxInfo = (value: unknown) =>
  isObject(value) &&
  Array.isArray(value.scenarios) &&
  value.scenarios.every((scenario) => isObject(scenario) && isText(scenario.id)) &&
  isText(value.activeScenarioId) &&
  isText(value.currentScreen);

const checks: Record<Message['event'], (metadata: unknown) => boolean> = {
  loaded: () => true,
  invalid_session: () => true,
  success: isSuccess,
  exit: isExit,
  sandbox_info: isSandboxInfo,
};

/** A message in the shape of the protocol; `null` for anything else, unknown events included. */
export function read(data: unknown): Message | null {
  if (!isObject(data) || data.type !== TYPE || !isText(data.event) || !Object.hasOwn(checks, data.event)) return null;
  const event = data.event as Message['event'];
  return checks[event](data.metadata) ? ({ event, metadata: data.metadata } as Message) : null;
}

/** The one thing that the link page is asked for: to end, with or without a question to the user. */
export const exitRequested = (force: boolean) => ({ type: TYPE, event: 'exit_requested', force });
