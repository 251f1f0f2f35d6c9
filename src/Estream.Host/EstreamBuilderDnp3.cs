using Estream.Wire.Dnp3;

namespace Estream.Host;

/// <summary>Adds DNP3 to a host.</summary>
public static class EstreamBuilderDnp3
{
    /// <summary>Adds the adapter type <c>dnp3-master</c>, which polls outstations, receives their events and operates their points. The
    /// schemas of its messages are <see cref="Dnp3Schemas.Own"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddDnp3(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new Dnp3MasterFactory());
    }
}
