namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What a rule lets a client do with the topics its filter matches.</summary>
[Flags]
internal enum Access
{
    /// <summary>Nothing, whatever other rules say.</summary>
    Deny = 0,

    /// <summary>Get them as a subscriber.</summary>
    Read = 1,

    /// <summary>Publish under them.</summary>
    Write = 2,
}

/// <summary>One line of an <see cref="AccessFile"/>.</summary>
/// <param name="Access">What it lets do.</param>
/// <param name="Filter">With which topics; of a pattern, with %u and %c in it.</param>
internal sealed record AccessRule(Access Access, string Filter);
