namespace Estream.Wire.Fix.Translation;

/// <summary>The FIX versions between which translated messages differ.</summary>
internal enum FixProtocolKind
{
    Fix42,
    Fix44,
    Fixt,
}
