namespace Estream.Wire.Fix;

/// <summary>What a <see cref="FixAdapter"/> is: an acceptor or an initiator, with whom it speaks, what it takes in and what it
/// sends.</summary>
public sealed record FixAdapterOptions
{
    /// <summary>How it waits for counterparties; set this or <see cref="Initiator"/>.</summary>
    public FixAcceptorOptions? Acceptor { get; init; }

    /// <summary>Where it connects to; set this or <see cref="Acceptor"/>.</summary>
    public FixInitiatorOptions? Initiator { get; init; }

    /// <summary>The sessions, all of one version; an initiator has one. Their journals come from the directories named with them.</summary>
    public required IReadOnlyList<FixAdapterSession> Sessions { get; init; }

    /// <summary>What goes into which queue. A type that is not named is answered with a Business Message Reject.</summary>
    public IReadOnlyList<FixMapping> Mappings { get; init; } = [];

    /// <summary>What is sent to whom.</summary>
    public IReadOnlyList<FixEgress> Egress { get; init; } = [];

    /// <summary>What stands in no message.</summary>
    public FixTranslatorOptions Translation { get; init; } = new();

    /// <summary>
    /// Orders whose fills are sent: how many are known at once. Then the one that was filled longest ago is forgotten, or the oldest; a
    /// fill of it is refused. Default: 100,000.
    /// </summary>
    public int MaxOrders { get; init; } = 100_000;
}

/// <summary>A session of an adapter.</summary>
/// <param name="Session">Who talks to whom.</param>
/// <param name="JournalDirectory">The directory of the queue that remembers numbers and messages; the adapter opens and closes it. Null:
/// they last as long as the process.</param>
public sealed record FixAdapterSession(FixSessionOptions Session, string? JournalDirectory = null)
{
    /// <summary>
    /// A file of keys as <see cref="Estream.Queue.QueueKeyRing.FromFile"/> reads it: the journal is encrypted. Needed where orders are
    /// sent, since each names who submitted it, which is private. Default: a journal in clear.
    /// </summary>
    public string? JournalKeyFile { get; init; }
}

/// <summary>Messages of a type go to a queue.</summary>
/// <param name="MsgType">D, 8, W, F or 9.</param>
/// <param name="Queue">The queue.</param>
public sealed record FixMapping(string MsgType, string Queue);

/// <summary>Messages of a schema go to a counterparty.</summary>
/// <param name="Schema">
/// The qualified name of a schema that <see cref="FixTranslator.SchemaOf"/> names. Fills are reports of orders that came in from the same
/// counterparty, so D has to be mapped.
/// </param>
/// <param name="TargetCompId">The counterparty's name, as one of the sessions has it.</param>
public sealed record FixEgress(string Schema, string TargetCompId)
{
    /// <summary>
    /// A folder with the private keys of an audience, as <see cref="Estream.Esf.EsfKeyRing.Load"/> reads it: what is sealed for it in these
    /// messages is opened, and the counterparty gets it. Needed to send orders that are stored sealed, since each says who submitted it.
    /// Default: nothing is opened.
    /// </summary>
    public string? KeyFolder { get; init; }
}
