namespace Estream.Wire.Iso20022;

/// <summary>What an <see cref="Iso20022Folder"/> takes from where.</summary>
public sealed record Iso20022FolderOptions
{
    /// <summary>The folder that messages come into, one in a file. It has to be there; the folders <c>done</c> and <c>refused</c> are made in it.</summary>
    public required string Folder { get; init; }

    /// <summary>What messages are held to. Default: <see cref="Iso20022Checks.SchemaAndRules"/>.</summary>
    public Iso20022Checks Checks { get; init; } = Iso20022Checks.SchemaAndRules;

    /// <summary>How much of a message is read.</summary>
    public Iso20022Limits Limits { get; init; } = new();

    /// <summary>How often an empty folder is looked at, in milliseconds. Default: 1,000.</summary>
    public int PollMs { get; init; } = 1_000;
}
