using Estream.Tidy.Rules;
using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Tidy.RuleTests;

public sealed class PublicSurfaceRuleTests
{
    [Theory]
    [InlineData("public static class A { public static int M(string s, int x = 3) => x; }",
        "static class A\n  static int M(string s, int x = 3)\n")]
    [InlineData("public sealed class A : System.IDisposable { public void Dispose() { } }",
        "sealed class A : System.IDisposable\n  A()\n  void Dispose()\n")]
    [InlineData("public readonly ref struct A { public int P => 1; }", "readonly ref struct A\n  int P { get; }\n")]
    [InlineData("public enum A : byte { X = 1 }", "enum A : byte\n  X = 1\n")]
    [InlineData("public class A { protected A(int x) { } internal void Hidden() { } }", "class A\n  protected A(int x)\n")]
    [InlineData("public delegate int A(int x);", "delegate A\n  int Invoke(int x)\n")]
    [InlineData("public sealed class A { private A() { } public class B { private B() { } } }", "sealed class A\nclass A.B\n")]
    [InlineData("class A { public void M() { } }", "")]
    public void Members_visible_to_other_assemblies_are_listed(string code, string expected)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Example", [CSharpSyntaxTree.ParseText(code)], Product.References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        Assert.Equal(expected, PublicSurface.Describe(compilation.Assembly));
    }
}
