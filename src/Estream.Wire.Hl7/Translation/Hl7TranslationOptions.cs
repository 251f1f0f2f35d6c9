using System.Text;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Settings of the translators of an adapter. Immutable.</summary>
/// <param name="Limits">The limits of messages.</param>
/// <param name="Pseudonyms">Makes ids; null if no mapping needs them.</param>
/// <param name="DefaultOffset">The offset of times without one, as in <c>+01:00</c>; empty if unknown.</param>
internal sealed record Hl7TranslationOptions(Hl7Limits Limits, Pseudonyms? Pseudonyms, string DefaultOffset)
{
    public byte[] Offset { get; } = Encoding.ASCII.GetBytes(DefaultOffset);
}
