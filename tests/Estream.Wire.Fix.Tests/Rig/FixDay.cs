namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>The day on which the sessions of these tests run.</summary>
internal static class FixDay
{
    /// <summary>2026-07-07 12:30:00 UTC, a Tuesday.</summary>
    public const long Start = 1_783_427_400_000_000_000;
}
