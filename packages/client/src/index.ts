export { EstreamClient, type ClientOptions } from "./client.js";
export { EstreamClientError, Status, type StatusCode } from "./frames.js";
export { GroupBatch, RemoteGroupMember, type GroupOptions } from "./group.js";
export { RemoteMap, type MapChangeResult, type MapEntry } from "./map.js";
export { RemotePartitionedAppender, RemotePartitionedQueue } from "./partitioned.js";
export {
  MessageSubscription,
  RemoteAppender,
  RemoteQueue,
  type RemoteMessage,
  type RemoteQueueInfo,
  type SubscribeOptions,
  type SubscribeStart,
} from "./queue.js";
export { StreamSubscription, type StreamBatch, type StreamOptions } from "./stream.js";
export { webSocket, type Connector, type Transport, type TransportEvents } from "./transport.js";
