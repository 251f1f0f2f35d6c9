using System.Reflection;

namespace Estream.Marketplace.Tests.Json;

/// <summary>Signed documents are canonical JSON or bytes. Formats whose text different readers may interpret differently are not
/// used.</summary>
public sealed class SignedFormatsTests
{
    [Fact]
    public void Signed_formats_do_not_use_YAML() =>
        Assert.DoesNotContain(typeof(ComponentName).Assembly.GetReferencedAssemblies().Select(Name),
            name => name.Contains("yaml", StringComparison.OrdinalIgnoreCase));

    private static string Name(AssemblyName assembly) => assembly.Name!;
}
