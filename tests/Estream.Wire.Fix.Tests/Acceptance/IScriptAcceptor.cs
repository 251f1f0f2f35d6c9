namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>What a script is played against: an acceptor with or without sockets, on its own clock.</summary>
internal interface IScriptAcceptor
{
    /// <summary>The time of day for what the script sends.</summary>
    DateTime UtcNow { get; }

    /// <summary>A counterparty's new connection.</summary>
    IScriptConnection Connect();

    /// <summary>Lets time go by.</summary>
    void Pass(double seconds);
}
