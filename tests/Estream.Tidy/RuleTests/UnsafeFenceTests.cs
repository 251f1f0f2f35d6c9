using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class UnsafeFenceTests
{
    [Theory]
    [InlineData("class A { unsafe void M() { } }", "unsafe")]
    [InlineData("class A { int M(byte[] b) => Unsafe.ReadUnaligned<int>(ref b[0]); }", "Unsafe")]
    [InlineData("class A { int M(System.Span<byte> s) => MemoryMarshal.Read<int>(s); }", "MemoryMarshal")]
    [InlineData("class A { int M(System.Span<byte> s) => System.Runtime.InteropServices.MemoryMarshal.Read<int>(s); }", "MemoryMarshal")]
    [InlineData("using static System.Runtime.InteropServices.MemoryMarshal; class A { }", "MemoryMarshal")]
    [InlineData("using M = System.Runtime.CompilerServices.Unsafe; class A { }", "Unsafe")]
    [InlineData("class A { [DllImport(\"c\")] static extern int getpid(); }", "DllImport")]
    [InlineData("partial class A { [LibraryImport(\"c\")] static partial int getpid(); }", "LibraryImport")]
    [InlineData("struct A { fixed int _a[4]; }", "fixed")]
    public void Unsafe_code_outside_Core_is_a_violation(string code, string what)
    {
        const string path = "src/Estream.Queue/A.cs";
        Example.AssertOne(UnsafeFence.Check(Example.Of((path, code))), path, $"'{what}' outside Estream.Core");
    }

    [Theory]
    [InlineData("src/Estream.Crypto/A.cs", 1)]
    [InlineData("src/Estream.Crypto/Internal/Keccak/A.cs", 1)]
    [InlineData("src/Estream.Crypto/Internal/OpenSsl/NativeMethods.cs", 0)]
    public void In_Crypto_only_the_calls_of_OpenSSL_may_be_unsafe(string path, int expected)
    {
        const string code = "partial class A { [LibraryImport(\"c\")] static partial int getpid(); }";
        Assert.Equal(expected, UnsafeFence.Check(Example.Of((path, code))).Count());
    }

    [Theory]
    [InlineData("src/Estream.Net/Xdp/A.cs", 1)]
    [InlineData("src/Estream.Net/Internal/Kernel/NativeMethods.cs", 0)]
    public void In_Net_only_the_calls_of_the_kernel_may_be_unsafe(string path, int expected)
    {
        const string code = "partial class A { [LibraryImport(\"c\")] static partial int getpid(); }";
        Assert.Equal(expected, UnsafeFence.Check(Example.Of((path, code))).Count());
    }

    [Fact]
    public void Words_in_comments_and_strings_do_not_count()
    {
        const string code = "class A { /* unsafe */ string M() => \"MemoryMarshal.Read unsafe\"; }";
        Assert.Empty(UnsafeFence.Check(Example.Of(("src/Estream.Queue/A.cs", code))));
    }

    [Fact]
    public void A_file_on_the_allow_list_must_need_unsafe_code()
    {
        Assert.NotEmpty(UnsafeFence.CheckAllowList(Example.Of(("src/Estream.Esf/Internal/Utf8Copy.cs", "class A { }"))));
    }

    [Fact]
    public void Only_Core_and_Crypto_may_enable_unsafe_code()
    {
        const string text = "<Project><PropertyGroup><AllowUnsafeBlocks>true</AllowUnsafeBlocks></PropertyGroup></Project>";
        var repository = Example.Of(("src/Estream.Core/Estream.Core.csproj", text), ("src/Estream.Crypto/Estream.Crypto.csproj", text),
            ("src/Estream.Map/Estream.Map.csproj", text));
        Example.AssertOne(UnsafeFence.Check(repository), "src/Estream.Map/Estream.Map.csproj", "AllowUnsafeBlocks");
    }

    [Fact]
    public void Unsafe_code_in_Core_needs_a_safety_note()
    {
        const string path = "src/Estream.Core/A.cs";
        const string code = "class A { void M() { unsafe { } } }";
        Example.AssertOne(UnsafeFence.Check(Example.Of((path, code))), path, "SAFETY:");
    }

    [Theory]
    [InlineData("class A\n{\n    void M()\n    {\n        // SAFETY: nothing is read.\n        unsafe { }\n    }\n}")]
    [InlineData("class A\n{\n    // SAFETY: the caller holds the mapping.\n    unsafe void M() { }\n}")]
    [InlineData("// SAFETY: the mapping outlives the type.\nunsafe class A { int* _p; }")]
    [InlineData(
        "class A\n{\n    int M(System.Span<byte> s)\n    {\n        // SAFETY: Read checks the length.\n        return "
        + "MemoryMarshal.Read<int>(s);\n    }\n}")]
    [InlineData("unsafe class A\n{\n    // SAFETY: checked by the caller.\n    int M(int* p) => *p;\n}")]
    public void A_safety_note_on_the_statement_member_or_type_is_enough(string code)
    {
        Assert.Empty(UnsafeFence.Check(Example.Of(("src/Estream.Core/A.cs", code))));
    }

    [Theory]
    [InlineData("NativeMethods.cs", 0)]
    [InlineData("Clock.cs", 1)]
    public void Native_imports_are_declared_in_one_file(string name, int expected)
    {
        const string code = "static partial class A { [LibraryImport(\"c\")] static partial int getpid(); }";
        Assert.Equal(expected, UnsafeFence.Check(Example.Of(($"src/Estream.Core/Internal/{name}", code))).Count());
    }

    [Fact]
    public void A_safety_note_on_another_member_is_not_enough()
    {
        const string path = "src/Estream.Core/A.cs";
        const string code = "class A\n{\n    // SAFETY: fine.\n    unsafe void M() { }\n\n    unsafe void N() { }\n}";
        Example.AssertOne(UnsafeFence.Check(Example.Of((path, code))), path, "SAFETY:");
    }
}
