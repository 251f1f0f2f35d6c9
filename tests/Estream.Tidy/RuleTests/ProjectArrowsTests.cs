using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class ProjectArrowsTests
{
    private static readonly (string, string) s_core = Example.Project("src", "Estream.Core");
    private static readonly (string, string) s_queue = Example.Project("src", "Estream.Queue", "src/Estream.Core/Estream.Core.csproj");

    [Fact]
    public void A_reference_in_the_table_is_accepted()
    {
        Assert.Empty(ProjectArrows.Check(Example.Of(s_core, s_queue)));
    }

    [Fact]
    public void A_project_may_reference_what_it_reaches_indirectly()
    {
        var wire = Example.Project("src", "Estream.Wire.Fix", "src/Estream.Core/Estream.Core.csproj",
            "src/Estream.Queue/Estream.Queue.csproj");
        Assert.Empty(ProjectArrows.Check(Example.Of(s_core, s_queue, wire)));
    }

    [Theory]
    [InlineData("Estream.Queue", "Estream.Map")]
    [InlineData("Estream.Map", "Estream.Queue")]
    [InlineData("Estream.Core", "Estream.Map")]
    [InlineData("Estream.Wire", "Estream.Wire.Mqtt")]
    [InlineData("Estream.Wire.Fix", "Estream.Wire.Mqtt")]
    [InlineData("Estream.Cli", "Estream.Host")]
    [InlineData("Estream.Host", "Estream.Cli")]
    [InlineData("Estream.Crypto", "Estream.Crypto.BouncyCastle")]
    [InlineData("Estream.Host", "Estream.Crypto.BouncyCastle")]
    [InlineData("Estream.Cli", "Estream.Crypto.BouncyCastle")]
    [InlineData("Estream.Newcomer", "Estream.Core")]
    public void A_reference_outside_the_table_is_a_violation(string from, string to)
    {
        var repository = Example.Of(Example.Project("src", from, $"src/{to}/{to}.csproj"), Example.Project("src", to));
        Example.AssertOne(ProjectArrows.Check(repository), $"src/{from}/{from}.csproj", "not an arrow");
    }

    [Theory]
    [InlineData("tests", "Estream.Testing")]
    [InlineData("bench", "Estream.Scenarios")]
    [InlineData("samples", "QuickStart")]
    public void Product_code_never_references_tests_bench_or_samples(string area, string name)
    {
        var repository = Example.Of(
            Example.Project("src", "Estream.Host", $"{area}/{name}/{name}.csproj"), Example.Project(area, name));
        Example.AssertOne(ProjectArrows.Check(repository), "src/Estream.Host/Estream.Host.csproj", "src never refers to");
    }

    [Theory]
    [InlineData("schemas", "Estream.Esf.Iot", "src", "Estream.Esf", 0)]
    [InlineData("schemas", "Estream.Esf.Iot", "src", "Estream.Wire", 1)]
    [InlineData("src", "Estream.Host", "schemas", "Estream.Esf.Iot", 0)]
    [InlineData("src", "Estream.Wire", "schemas", "Estream.Esf.Iot", 1)]
    [InlineData("tests", "Estream.Esf.Tests", "schemas", "Estream.Esf.Iot", 0)]
    [InlineData("tests", "Estream.Scenarios.Tests", "bench", "Estream.Scenarios", 0)]
    [InlineData("tests", "Estream.Map.Tests", "bench", "Estream.Scenarios", 1)]
    public void Packs_reference_Esf_and_only_programs_and_tests_reference_packs(string fromArea, string from, string toArea, string to,
        int expected)
    {
        var repository = Example.Of(Example.Project(fromArea, from, $"{toArea}/{to}/{to}.csproj"), Example.Project(toArea, to));
        Assert.Equal(expected, ProjectArrows.Check(repository).Count());
    }

    [Fact]
    public void Tests_share_code_only_through_the_helper_projects()
    {
        var repository = Example.Of(
            Example.Project("tests", "Estream.Map.Tests", "tests/Estream.Queue.Tests/Estream.Queue.Tests.csproj"),
            Example.Project("tests", "Estream.Queue.Tests", "tests/Estream.Testing/Estream.Testing.csproj"),
            Example.Project("tests", "Estream.Testing"));
        Example.AssertOne(ProjectArrows.Check(repository), "tests/Estream.Map.Tests/Estream.Map.Tests.csproj",
            "not to Estream.Queue.Tests");
    }

    [Fact]
    public void Users_of_Esf_reference_the_generator_as_an_analyser()
    {
        const string analyser =
            "<ProjectReference Include=\"../Estream.Esf.Generator/Estream.Esf.Generator.csproj\" ReferenceOutputAssembly=\"false\" />";
        var repository = Example.Of(
            Example.Project("src", "Estream.Esf.Generator"),
            ("src/Estream.Wire/Estream.Wire.csproj", $"<Project>{analyser}</Project>"),
            ("src/Estream.Map/Estream.Map.csproj", $"<Project>{analyser}</Project>"));
        Example.AssertOne(ProjectArrows.Check(repository), "src/Estream.Map/Estream.Map.csproj", "does not use Esf");
    }

    [Fact]
    public void A_reference_to_a_missing_project_is_a_violation()
    {
        var repository = Example.Of(Example.Project("src", "Estream.Queue", "src/Estream.Gone/Estream.Gone.csproj"));
        Example.AssertOne(ProjectArrows.Check(repository), "src/Estream.Queue/Estream.Queue.csproj", "does not exist");
    }
}
