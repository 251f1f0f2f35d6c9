using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class DeadFilesTests
{
    private const string Solution = "\"src\\A\\A.csproj\"";

    [Fact]
    public void Code_inside_a_project_folder_is_used_and_code_outside_is_dead()
    {
        var repository = Example.Of(("Estream.sln", Solution), ("src/A/A.csproj", "<Project />"), ("src/A/B/C.cs", ""), ("src/D.cs", ""));
        Example.AssertOne(DeadFiles.Check(repository), "src/D.cs", "no project compiles");
    }

    [Fact]
    public void Code_excluded_from_its_project_is_dead_unless_it_is_test_data()
    {
        const string removed =
            "<Project><Compile Remove=\"Old/**\" /><Compile Remove=\"Data/**/*.cs\" /><None Include=\"Data/**/*.cs\" /></Project>";
        var repository =
            Example.Of(("Estream.sln", Solution), ("src/A/A.csproj", removed), ("src/A/Old/C.cs", ""), ("src/A/Data/D.cs", ""));
        Example.AssertOne(DeadFiles.Check(repository), "src/A/Old/C.cs", "no project compiles");
    }

    [Fact]
    public void Code_that_another_project_includes_is_used()
    {
        const string including = "<Project><Compile Include=\"../Shared/*.cs\" /></Project>";
        var repository = Example.Of(("Estream.sln", Solution), ("src/A/A.csproj", including), ("src/Shared/C.cs", ""));
        Assert.Empty(DeadFiles.Check(repository));
    }

    [Fact]
    public void A_project_outside_the_solution_is_dead()
    {
        var repository = Example.Of(("Estream.sln", Solution), ("src/A/A.csproj", "<Project />"), ("src/B/B.csproj", "<Project />"));
        Example.AssertOne(DeadFiles.Check(repository), "src/B/B.csproj", "not in Estream.sln");
    }

    [Theory]
    [InlineData("bench/peers/build.sh", "echo")]
    [InlineData("bench/peers/build", "#!/bin/sh")]
    public void A_script_that_no_file_names_is_dead(string path, string text)
    {
        Example.AssertOne(DeadFiles.Check(Example.Of((path, text), ("README.md", "nothing"))), path, "no file names this script");
        Assert.Empty(DeadFiles.Check(Example.Of((path, text), ("README.md", $"run {path}"))));
    }

    [Fact]
    public void A_module_that_no_file_imports_is_dead()
    {
        var repository = Example.Of(
            ("console/index.html", "<script src=\"/src/main.tsx\">"),
            ("console/src/main.tsx", "import { A } from './used';"),
            ("console/src/used.ts", ""),
            ("console/src/unused.ts", ""));
        Example.AssertOne(DeadFiles.Check(repository), "console/src/unused.ts", "no neighbouring file names");
    }

    [Fact]
    public void A_native_source_that_no_build_uses_is_dead()
    {
        var repository = Example.Of(
            ("bench/peers/CMakeLists.txt", "add_executable(floor floor.cpp)"),
            ("bench/peers/floor.cpp", "#include \"clock.hpp\""),
            ("bench/peers/clock.hpp", ""),
            ("bench/peers/old.cpp", ""));
        Example.AssertOne(DeadFiles.Check(repository), "bench/peers/old.cpp", "no neighbouring file names");
    }

    [Fact]
    public void A_schema_that_no_project_includes_is_dead()
    {
        const string including = "<Project><AdditionalFiles Include=\"../../schemas/iot/*.esf.yaml\" /></Project>";
        var repository = Example.Of(
            ("Estream.sln", Solution), ("src/A/A.csproj", including), ("schemas/iot/a.esf.yaml", ""), ("schemas/old/b.esf.yaml", ""));
        Example.AssertOne(DeadFiles.Check(repository), "schemas/old/b.esf.yaml", "no project includes");
    }
}
