// A Socket.IO adapter that keeps no rooms: ours are in `Audience`, and the library's own cost each socket two maps and two
// sets for a room of its own that nothing here asks for.
import { Adapter } from 'socket.io-adapter';

export class NoRooms extends Adapter {
  override addAll(): void {}
  override del(): void {}
  override delAll(): void {}
}
