using Estream.Wire.Iso20022;

namespace Estream.Host;

/// <summary>Makes ISO 20022 known to a host.</summary>
public static class EstreamBuilderIso20022
{
    /// <summary>Adds the adapter type <c>iso20022-folder</c>, which takes messages of banks from a folder and puts others into another
    /// one.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddIso20022(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new Iso20022FolderFactory());
    }
}
