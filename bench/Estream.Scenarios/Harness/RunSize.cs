namespace Estream.Scenarios.Harness;

/// <summary>
/// The amount of work in a round. <see cref="Tiny"/> exists for the tests, which run every scenario so that none
/// can rot; its figures mean nothing.
/// </summary>
internal enum RunSize
{
    Full,
    Tiny,
}

internal static class RunSizeExtensions
{
    /// <summary>The amount for this size: <paramref name="full"/>, or <paramref name="tiny"/> in a tiny run.</summary>
    public static long Of(this RunSize size, long full, long tiny)
    {
        return size == RunSize.Full ? full : tiny;
    }
}
