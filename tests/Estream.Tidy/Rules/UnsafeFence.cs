using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>Keeps unsafe code inside Estream.Core and Estream.Fpga, calls of OpenSSL in one folder of Estream.Crypto, and calls of the
/// kernel in one folder of Estream.Net. Each use in these folders needs a SAFETY comment that states who guarantees its safety.</summary>
internal static class UnsafeFence
{
    private static readonly string[] s_insideFolders =
        ["src/Estream.Core", "src/Estream.Crypto/Internal/OpenSsl", "src/Estream.Fpga", "src/Estream.Net/Internal/Kernel"];

    /// <summary>Projects that allow unsafe code: the compiler option applies to whole projects.</summary>
    private static readonly string[] s_switched =
    [
        "src/Estream.Core/Estream.Core.csproj", "src/Estream.Crypto/Estream.Crypto.csproj", "src/Estream.Fpga/Estream.Fpga.csproj",
        "src/Estream.Net/Estream.Net.csproj",
    ];

    private static readonly string[] s_uncheckedTypes = ["Unsafe", "MemoryMarshal"];

    private static readonly string[] s_importAttributes = ["DllImport", "LibraryImport", "DllImportAttribute", "LibraryImportAttribute"];

    /// <summary>The file that declares the functions of a native library: these declarations need no SAFETY comment, but their callers
    /// do.</summary>
    private const string ImportFile = "NativeMethods.cs";

    /// <summary>Single files outside the allowed projects, each with its reason.</summary>
    private static readonly Dictionary<string, string> s_exceptions = new()
    {
        ["bench/Estream.Scenarios/Peers/Packets/NativeMethods.cs"] =
            "packets: the sendmmsg row calls the C library as a plain program does",
        ["src/Estream.Esf/Internal/Utf8Copy.cs"] = "esf-encode: 1.38 times the hand-written codec with the checks of spans, 1.27 without",
    };

    public static IEnumerable<Violation> Check(Repository repository)
    {
        IEnumerable<Violation> code = repository.CSharpFiles.SelectMany(
            file => IsInside(file) ? UnexplainedIn(file) : UncheckedIn(file).Select(use => Outside(file, use)));
        return code.Concat(SwitchesOutside(repository));
    }

    /// <summary>Returns a violation for each file on the allow list that is missing or has no unsafe code.</summary>
    public static IEnumerable<Violation> CheckAllowList(Repository repository)
    {
        return from path in s_exceptions.Keys
               let file = repository.Find(path)
               where file is null || !UncheckedIn(file).Any()
               select new Violation(path, 0, "on the unsafe allow list without need: remove it");
    }

    private static IEnumerable<Violation> SwitchesOutside(Repository repository)
    {
        return from file in repository.Projects
               where !s_switched.Contains(file.Path) && new ProjectFile(file).AllowsUnsafe
               select new Violation(file.Path, 0,
                   "AllowUnsafeBlocks belongs to Estream.Core, to Estream.Fpga for the rings of cards, to Estream.Crypto for libcrypto, "
                   + "and to Estream.Net for the rings of AF_XDP, alone");
    }

    private static Violation Outside(SourceFile file, SyntaxToken use)
    {
        return new Violation(
            file.Path,
            SourceFile.LineOf(use),
            $"'{use.Text}' outside Estream.Core: use the spans and cursors of Core, or show by a benchmark that this file needs it");
    }

    private static IEnumerable<Violation> UnexplainedIn(SourceFile file)
    {
        bool declaresImports = file.Name == ImportFile;
        return from use in UncheckedIn(file)
               where !declaresImports && !IsExplained(use)
               select new Violation(
                   file.Path,
                   SourceFile.LineOf(use),
                   $"'{use.Text}' without a // SAFETY: comment that states who guarantees bounds, alignment and lifetime");
    }

    private static bool IsInside(SourceFile file)
    {
        return s_insideFolders.Any(file.IsUnder) || s_exceptions.ContainsKey(file.Path);
    }

    private static IEnumerable<SyntaxToken> UncheckedIn(SourceFile file)
    {
        return file.Syntax.DescendantTokens().Where(IsUnchecked);
    }

    private static bool IsUnchecked(SyntaxToken token)
    {
        return token.Kind() switch
        {
            SyntaxKind.UnsafeKeyword => true,
            SyntaxKind.FixedKeyword => true,
            SyntaxKind.IdentifierToken => IsUncheckedName(token),
            _ => false,
        };
    }

    private static bool IsUncheckedName(SyntaxToken token)
    {
        return token.Parent switch
        {
            IdentifierNameSyntax { Parent: AttributeSyntax } => s_importAttributes.Contains(token.Text),
            IdentifierNameSyntax { Parent: MemberAccessExpressionSyntax access } name =>
                s_uncheckedTypes.Contains(token.Text) && (access.Expression == name || access.Parent is MemberAccessExpressionSyntax),
            IdentifierNameSyntax { Parent: UsingDirectiveSyntax or QualifiedNameSyntax { Parent: UsingDirectiveSyntax } } =>
                s_uncheckedTypes.Contains(token.Text),
            _ => false,
        };
    }

    // A note explains uses in the same statement, or anywhere in the same member. A type that is unsafe as a
    // whole gives its guarantee member by member, so a note is required inside one of them.
    private static bool IsExplained(SyntaxToken use)
    {
        if (use.Parent is TypeDeclarationSyntax type)
        {
            return HasNote(type);
        }

        MemberDeclarationSyntax? member = use.Parent!.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().FirstOrDefault();
        return (member is not null and not TypeDeclarationSyntax && HasNote(member)) || IsNotedType(member?.Parent);
    }

    private static bool IsNotedType(SyntaxNode? node)
    {
        return node is TypeDeclarationSyntax && node.GetLeadingTrivia().Any(IsNote);
    }

    private static bool HasNote(SyntaxNode node)
    {
        return node.DescendantTrivia().Any(IsNote);
    }

    private static bool IsNote(SyntaxTrivia trivia)
    {
        return trivia.ToFullString().Contains("// SAFETY", StringComparison.Ordinal);
    }
}
