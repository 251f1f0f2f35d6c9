namespace Estream.Circuits.Operations;

/// <summary>What became of a request: the field <c>status</c> of each result, whose enum has these values in this order.</summary>
public enum OperationStatus
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was stored under a key that was not there.</summary>
    Created,

    /// <summary>It was stored in the place of another value.</summary>
    Replaced,

    /// <summary>The key has another value or version than the expected one, or is there and should not be. Nothing changed.</summary>
    Conflict,

    /// <summary>The key, or the message, is not there. Nothing changed.</summary>
    Absent,

    /// <summary>The disk is full. Nothing changed, unless the result says how much was done; the same request can be done when there is
    /// room.</summary>
    Full,

    /// <summary>A payload, a key or a value is longer than the queue, the map, the feed of its changes or the result takes. Nothing
    /// changed.</summary>
    TooLong,

    /// <summary>The request asks for a version or an end, and the map has none. Nothing changed.</summary>
    Unversioned,

    /// <summary>The request is no message of its type, or contradicts itself. Nothing changed.</summary>
    Invalid,
}
