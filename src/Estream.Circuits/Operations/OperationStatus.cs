namespace Estream.Circuits.Operations;

/// <summary>The outcome of a request: the field <c>status</c> of each result, whose enum has these values in this order.</summary>
public enum OperationStatus
{
    /// <summary>The request was executed.</summary>
    Done,

    /// <summary>The value was stored under a new key.</summary>
    Created,

    /// <summary>The value replaced another value.</summary>
    Replaced,

    /// <summary>The key has another value or version than expected, or exists but should not. Nothing changed.</summary>
    Conflict,

    /// <summary>The key or the message does not exist. Nothing changed.</summary>
    Absent,

    /// <summary>The disk is full. Nothing changed, unless the result states how much was done. The same request can be executed once there
    /// is space.</summary>
    Full,

    /// <summary>A payload, key or value is too long for the queue, the map, its change feed or the result. Nothing changed.</summary>
    TooLong,

    /// <summary>The request needs versions or expiry, which the map does not support. Nothing changed.</summary>
    Unversioned,

    /// <summary>The request is not a valid message of its type, or contradicts itself. Nothing changed.</summary>
    Invalid,
}
