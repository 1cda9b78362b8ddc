/** The name of the setting in which nodes that share a database keep what signs the readers' tokens. */
export const SECRET_SETTING = 'token secret';
