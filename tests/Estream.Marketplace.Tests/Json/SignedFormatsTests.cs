using System.Reflection;

namespace Estream.Marketplace.Tests.Json;

/// <summary>What is signed is JSON of one form, or bytes: a format in which one text means different things to different readers has no
/// part in it.</summary>
public sealed class SignedFormatsTests
{
    [Fact]
    public void Yaml_not_used_for_anything_signed() =>
        Assert.DoesNotContain(typeof(ComponentName).Assembly.GetReferencedAssemblies().Select(Name),
            name => name.Contains("yaml", StringComparison.OrdinalIgnoreCase));

    private static string Name(AssemblyName assembly) => assembly.Name!;
}
