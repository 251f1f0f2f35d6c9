using Xunit.Abstractions;
using Xunit.Sdk;

namespace Estream.Testing;

/// <summary>Makes the test case of a method that has <see cref="PropertyAttribute"/>. xUnit creates it by name.</summary>
public sealed class PropertyDiscoverer : IXunitTestCaseDiscoverer
{
    private readonly IMessageSink _diagnostics;

    /// <summary>Creates a discoverer.</summary>
    /// <param name="diagnosticMessageSink">Receives the diagnostic messages of the test cases.</param>
    public PropertyDiscoverer(IMessageSink diagnosticMessageSink) => _diagnostics = diagnosticMessageSink;

    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod,
        IAttributeInfo factAttribute) =>
        [new ReplayablePropertyTestCase(_diagnostics, discoveryOptions.MethodDisplayOrDefault(),
            discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}
