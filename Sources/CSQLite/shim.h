#include <sqlite3.h>

// sqlite3_db_config() takes any number of arguments, which Swift cannot call.

/// Makes "text" in double quotes a name and nothing else, so that a name that is not there is an error and not a text.
static inline void gloss_sqlite_forbid_quoted_texts(sqlite3 *connection) {
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, (void *)0);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, (void *)0);
}
