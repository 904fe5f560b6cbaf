//! The CPH wire contract: a table of typed operations with their requests and replies
