//! A whole deployment, as its people meet it: the functions, the daemon of the GPU host and the terminal are the built programs, and
//! AWS is an emulator with stand-ins for the gateways.

mod accounts;
mod daemon;
mod doctor;
mod documents;
mod engines;
mod permissions;
mod scene;
mod starting;
mod student;
