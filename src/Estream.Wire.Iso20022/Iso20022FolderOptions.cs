using Estream.Esf;

namespace Estream.Wire.Iso20022;

/// <summary>Options of an <see cref="Iso20022Folder"/>.</summary>
public sealed record Iso20022FolderOptions
{
    /// <summary>The folder for incoming messages, one in each file. It must exist and belong to the user of the process, and be sticky if
    /// other users may write to it; the adapter creates the folders <c>done</c> and <c>refused</c> in it.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The folder for outgoing messages, one in each file. It must exist and differ from <see cref="Folder"/>, and is required with
    /// <see cref="Egress"/>. Incomplete files are in <see cref="AdapterContext.Place"/>, or in a hidden folder in this folder if a file
    /// cannot be renamed from there. Default: none.
    /// </summary>
    public string? Out { get; init; }

    /// <summary>The schemas of outgoing messages. Default: none.</summary>
    public IReadOnlyList<Iso20022Egress> Egress { get; init; } = [];

    /// <summary>How messages are checked, in both directions. Default: <see cref="Iso20022Checks.SchemaAndRules"/>.</summary>
    public Iso20022Checks Checks { get; init; } = Iso20022Checks.SchemaAndRules;

    /// <summary>The limits on messages.</summary>
    public Iso20022Limits Limits { get; init; } = new();

    /// <summary>How often an empty folder is polled, in milliseconds. Default: 1,000.</summary>
    public int PollMs { get; init; } = 1_000;
}

/// <summary>Messages that an adapter sends.</summary>
/// <param name="Schema">The schema of the messages: one of the four schemas of the pack esf-payments.</param>
public sealed record Iso20022Egress(EsfSchema Schema)
{
    /// <summary>The folder with the private key of the audience for which messages are decrypted; null if the schema has no private
    /// fields.</summary>
    public string? KeyFolder { get; init; }
}
