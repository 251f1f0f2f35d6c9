using Estream.Wire.Fix;

namespace Estream.Host;

/// <summary>Makes FIX known to a host.</summary>
internal static class EstreamBuilderFix
{
    /// <summary>Adds the adapter types <c>fix-acceptor</c>, which counterparties connect to, and <c>fix-initiator</c>, which connects to a
    /// venue.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddFix(this EstreamBuilder builder) =>
        builder.AddAdapterType(new FixAcceptorFactory()).AddAdapterType(new FixInitiatorFactory());
}
