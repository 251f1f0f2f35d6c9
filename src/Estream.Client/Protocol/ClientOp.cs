namespace Estream.Client.Protocol;

/// <summary>The operation of a frame; see docs/formats/client.md.</summary>
internal enum ClientOp : byte
{
    Hello = 1,
    Ping = 2,
    Append = 3,
    Subscribe = 4,
    Messages = 5,
    Credit = 6,
    Commit = 7,
    Unsubscribe = 8,
    QueueInfo = 9,
    Producer = 10,
    GroupJoin = 11,
    GroupMessages = 12,
    GroupDone = 13,
    GroupLeave = 14,
    GroupRemove = 15,
    MapGet = 16,
    MapPut = 17,
    MapCompareExchange = 18,
    MapRemove = 19,
    MapScan = 20,
    MapWatch = 21,
    MapChange = 22,
    MapUnwatch = 23,
    MapInfo = 24,
    QueuePartitions = 25,
    CursorRemove = 26,
    StreamSubscribe = 27,
    StreamMessages = 28,
}

/// <summary>Where a subscription begins.</summary>
internal enum StartKind : byte
{
    Start = 0,
    End = 1,
    Position = 2,
    Sequence = 3,
    Time = 4,
    After = 5,
    Cursor = 6,
}
