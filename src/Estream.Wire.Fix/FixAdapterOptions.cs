using Estream.Core;

namespace Estream.Wire.Fix;

/// <summary>The options of a <see cref="FixAdapter"/>: acceptor or initiator, its sessions, and the messages it stores and sends.</summary>
public sealed record FixAdapterOptions
{
    /// <summary>How an acceptor listens; set either this or <see cref="Initiator"/>.</summary>
    public FixAcceptorOptions? Acceptor { get; init; }

    /// <summary>Where an initiator connects to; set either this or <see cref="Acceptor"/>.</summary>
    public FixInitiatorOptions? Initiator { get; init; }

    /// <summary>The sessions, all of one FIX version; an initiator has exactly one. The adapter opens their journals from the directories
    /// given here.</summary>
    public required IReadOnlyList<FixAdapterSession> Sessions { get; init; }

    /// <summary>Which message types are stored in which queue. Other types are answered with a Business Message Reject.</summary>
    public IReadOnlyList<FixMapping> Mappings { get; init; } = [];

    /// <summary>Which schemas are sent to which counterparty.</summary>
    public IReadOnlyList<FixEgress> Egress { get; init; } = [];

    /// <summary>The conventions for translation that messages do not carry.</summary>
    public FixTranslatorOptions Translation { get; init; } = new();

    /// <summary>The maximum number of orders tracked for sending fills. At the limit, the order that was filled longest ago is dropped, or
    /// the oldest order if no order is filled. A fill of a dropped order is refused. Default: 100,000.</summary>
    public int MaxOrders { get; init; } = 100_000;
}

/// <summary>A session of an adapter.</summary>
/// <param name="Session">The session options, without a journal.</param>
/// <param name="JournalDirectory">The directory of the queue that stores sequence numbers and messages; the adapter opens and closes it. If
/// null, they are kept in memory only.</param>
public sealed record FixAdapterSession(FixSessionOptions Session, string? JournalDirectory = null)
{
    /// <summary>A key file in the format of <see cref="QueueKeyRing.FromFile"/> that encrypts the journal. Required if the
    /// session sends orders, because each order names its submitter, which is private. Default: none, the journal is plaintext.</summary>
    public string? JournalKeyFile { get; init; }

    /// <summary>The ML-KEM-1024 private key file that opens wrapped keys of <see cref="JournalKeyFile"/>. Default: none.</summary>
    public string? JournalPrivateKeyFile { get; init; }
}

/// <summary>Stores messages of a type in a queue.</summary>
/// <param name="MsgType">One of <see cref="FixTranslator.MsgTypes"/>.</param>
/// <param name="Queue">The name of the queue.</param>
public sealed record FixMapping(string MsgType, string Queue)
{
    /// <summary>The qualified name of a schema that <see cref="FixTranslator.SchemasOf"/> returns for the type. Default: the first of
    /// them.</summary>
    public string? Schema { get; init; }

    internal string? SchemaName => Schema ?? FixTranslator.SchemaOf(MsgType);
}

/// <summary>Sends messages of a schema to a counterparty.</summary>
/// <param name="Schema">The qualified name of a schema that <see cref="FixTranslator.SchemasOf"/> returns. A fill reports on an order
/// received from the same counterparty, so sending fills requires a mapping of D. </param>
/// <param name="TargetCompId">The TargetCompID of one of the sessions.</param>
public sealed record FixEgress(string Schema, string TargetCompId)
{
    /// <summary>
    /// A folder with the private keys of an audience, in the format of <see cref="Estream.Esf.EsfKeyRing.Load"/>. Fields sealed for this
    /// audience are opened and sent to the counterparty. Required to send sealed orders, because each order names its submitter. Default:
    /// none, sealed fields are not opened.
    /// </summary>
    public string? KeyFolder { get; init; }
}
