"""The ledger: every fact that must survive a crash, one room for each question asked of it.

schema      the tables                          engine     opening SQLite or PostgreSQL, the database's clock
schedule    whose turn is it?                   frontier   what is to be fetched or read next, and who has it?
lanes       who may talk to this host now?      reports    what is known: publications, versions, reports
outbox      what still has to be told?          history    what happened to this address?
"""
