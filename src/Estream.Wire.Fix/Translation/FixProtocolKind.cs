namespace Estream.Wire.Fix.Translation;

/// <summary>The versions as far as the translated messages differ.</summary>
internal enum FixProtocolKind
{
    Fix42,
    Fix44,
    Fixt,
}
