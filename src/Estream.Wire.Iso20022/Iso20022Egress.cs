using Estream.Esf;

namespace Estream.Wire.Iso20022;

/// <summary>Messages that an <see cref="Iso20022Folder"/> makes files of.</summary>
/// <param name="Schema">Their schema: one of the four of the pack esf-payments.</param>
public sealed record Iso20022Egress(EsfSchema Schema)
{
    /// <summary>The folder with the private key of the audience they are opened for; null where the schema has no private fields.</summary>
    public string? KeyFolder { get; init; }
}
