namespace Estream.Cli.Recording;

/// <summary>What is spoken on a wire, as far as a recording has to know: where its passwords are, and what no two runs have in
/// common.</summary>
internal enum WireProtocol
{
    /// <summary>Anything; nothing is hidden.</summary>
    Any,

    /// <summary>MQTT: passwords stand in the first packet of a client.</summary>
    Mqtt,

    /// <summary>FIX: passwords are fields of their own, and each message says when it was sent.</summary>
    Fix,
}
