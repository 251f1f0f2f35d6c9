namespace Estream.Client;

/// <summary>The result of a request to a host.</summary>
public enum ClientStatus
{
    /// <summary>The request was done.</summary>
    Ok = 0,

    /// <summary>The queue, map, key or subscription does not exist.</summary>
    NotFound = 1,

    /// <summary>The entry does not have the expected version or value, or the cursor or group is in use. Nothing changed.</summary>
    Conflict = 2,

    /// <summary>The token is missing, wrong or expired.</summary>
    Unauthorized = 3,

    /// <summary>The role of the token does not allow the request, or the queue may not be written by clients.</summary>
    Forbidden = 4,

    /// <summary>An argument is invalid. The same request fails again.</summary>
    Invalid = 5,

    /// <summary>A limit of the host is reached: connections, subscriptions, watches, producers or entries.</summary>
    LimitExceeded = 6,

    /// <summary>The host is starting or stopping, or its disk is full. The same request can succeed later.</summary>
    Unavailable = 7,

    /// <summary>Another subscription has taken over the cursor.</summary>
    TakenOver = 8,

    /// <summary>The sequence number of an append does not follow the last number that the host knows of the producer.</summary>
    OutOfSequence = 9,

    /// <summary>The host could not do the request, for example because a file is damaged.</summary>
    Failed = 10,

    /// <summary>The peer violated the protocol. The connection is closed.</summary>
    ProtocolError = 11,
}
