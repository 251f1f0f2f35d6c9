using Estream.Esf;

namespace Estream.Wire.Iso20022;

/// <summary>What an <see cref="Iso20022Folder"/> takes from where, and puts where.</summary>
public sealed record Iso20022FolderOptions
{
    /// <summary>The folder that messages come into, one in a file. It has to be there; the folders <c>done</c> and <c>refused</c> are made
    /// in it.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The folder that messages which go out are put into, each as a file of its own; another one than <see cref="Folder"/>, and required
    /// with <see cref="Egress"/>. It has to be there; what is not whole yet lies in a hidden folder in it. Default: none.
    /// </summary>
    public string? Out { get; init; }

    /// <summary>Which messages go out. Default: none.</summary>
    public IReadOnlyList<Iso20022Egress> Egress { get; init; } = [];

    /// <summary>What messages are held to, in both directions. Default: <see cref="Iso20022Checks.SchemaAndRules"/>.</summary>
    public Iso20022Checks Checks { get; init; } = Iso20022Checks.SchemaAndRules;

    /// <summary>How much of a message is read.</summary>
    public Iso20022Limits Limits { get; init; } = new();

    /// <summary>How often an empty folder is looked at, in milliseconds. Default: 1,000.</summary>
    public int PollMs { get; init; } = 1_000;
}

/// <summary>Messages that an <see cref="Iso20022Folder"/> makes files of.</summary>
/// <param name="Schema">Their schema: one of the four of the pack esf-payments.</param>
public sealed record Iso20022Egress(EsfSchema Schema)
{
    /// <summary>The folder with the private key of the audience they are opened for; null where the schema has no private fields.</summary>
    public string? KeyFolder { get; init; }
}
