namespace Estream.Core;

/// <summary>
/// The outcome of an operation on a hot path, as a value with one property for each expected outcome. Eight bytes or fewer, never
/// allocates.
/// </summary>
public readonly record struct Status(StatusCode Code)
{
    /// <summary>The operation was done.</summary>
    public static Status Ok => default;

    /// <summary>Whether the operation was done.</summary>
    public bool IsOk => Code == StatusCode.Ok;

    /// <summary>Whether there was no space: nothing was stored, and the same call can succeed once there is space.</summary>
    public bool IsFull => Code == StatusCode.Full;

    /// <summary>Whether the requested item does not exist.</summary>
    public bool IsNotFound => Code == StatusCode.NotFound;

    /// <summary>Whether the other end or the object is closed: the same call will not succeed again.</summary>
    public bool IsClosed => Code == StatusCode.Closed;

    /// <summary>Whether a consumer is behind, so that the caller has to wait before it offers more.</summary>
    public bool IsBackPressured => Code == StatusCode.BackPressured;

    /// <summary>Whether the input was refused because it does not fit its format, schema or limit.</summary>
    public bool IsRejected => Code == StatusCode.Rejected;

    /// <inheritdoc/>
    public override string ToString() => Code.ToString();
}

/// <summary>The outcomes that a <see cref="Status"/> can have.</summary>
public enum StatusCode : byte
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>No space; retry once there is space.</summary>
    Full,

    /// <summary>The requested item does not exist.</summary>
    NotFound,

    /// <summary>Closed permanently.</summary>
    Closed,

    /// <summary>A consumer is behind; wait.</summary>
    BackPressured,

    /// <summary>The input does not fit its format, schema or limit.</summary>
    Rejected,
}
