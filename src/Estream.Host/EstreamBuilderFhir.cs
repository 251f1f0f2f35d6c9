using Estream.Wire.Fhir;

namespace Estream.Host;

/// <summary>Adds FHIR R4 to a host.</summary>
public static class EstreamBuilderFhir
{
    /// <summary>Adds the adapter types <c>fhir-server</c>, which stores and serves resources, and <c>fhir-client</c>, which sends stored
    /// changes and polls another server. The schemas of their messages are <see cref="FhirSchemas.Own"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddFhir(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new FhirServerFactory()).AddAdapterType(new FhirClientFactory());
    }
}
