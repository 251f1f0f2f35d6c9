using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>Keeps code the runtime does not check inside Estream.Core, where every piece of it states its guarantor.</summary>
internal static class UnsafeFence
{
    private static readonly string[] s_insideFolders = ["src/Estream.Core"];

    private static readonly string[] s_uncheckedTypes = ["Unsafe", "MemoryMarshal"];

    private static readonly string[] s_importAttributes = ["DllImport", "LibraryImport", "DllImportAttribute", "LibraryImportAttribute"];

    /// <summary>Single files outside the fence, each with the reason it may stand there.</summary>
    private static readonly Dictionary<string, string> s_exceptions = [];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        IEnumerable<Violation> code = repository.CSharpFiles.SelectMany(
            file => IsInside(file) ? UnexplainedIn(file) : UncheckedIn(file).Select(use => Outside(file, use)));
        return code.Concat(SwitchesOutside(repository)).Concat(StaleExceptions(repository));
    }

    private static IEnumerable<Violation> SwitchesOutside(Repository repository)
    {
        return from file in repository.Projects
               where !IsInside(file) && new ProjectFile(file).AllowsUnsafe
               select new Violation(file.Path, 0, "AllowUnsafeBlocks belongs to Estream.Core alone");
    }

    private static IEnumerable<Violation> StaleExceptions(Repository repository)
    {
        return from path in s_exceptions.Keys
               let file = repository.Find(path)
               where file is null || !UncheckedIn(file).Any()
               select new Violation(path, 0, "on the unsafe allow-list without need: take it off");
    }

    private static Violation Outside(SourceFile file, SyntaxToken use)
    {
        return new Violation(
            file.Path,
            SourceFile.LineOf(use),
            $"'{use.Text}' outside Estream.Core: use the spans and cursors Core hands out, or show by a benchmark that this file needs it");
    }

    private static IEnumerable<Violation> UnexplainedIn(SourceFile file)
    {
        return from use in UncheckedIn(file)
               where !IsExplained(use)
               select new Violation(
                   file.Path,
                   SourceFile.LineOf(use),
                   $"'{use.Text}' without a // SAFETY: comment saying who guarantees bounds, alignment and lifetime");
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

    /// <summary>A comment on the enclosing statement, member or type explains every use below it.</summary>
    private static bool IsExplained(SyntaxToken use)
    {
        return use.Parent!.AncestorsAndSelf()
            .Where(node => node is StatementSyntax or MemberDeclarationSyntax or AccessorDeclarationSyntax or ArrowExpressionClauseSyntax)
            .Any(node => CarriesNote(node) || (node is MemberDeclarationSyntax and not TypeDeclarationSyntax and not BaseNamespaceDeclarationSyntax && ContainsNote(node)));
    }

    private static bool CarriesNote(SyntaxNode node)
    {
        return node is not BaseNamespaceDeclarationSyntax && node.GetLeadingTrivia().Any(IsNote);
    }

    private static bool ContainsNote(SyntaxNode node)
    {
        return node.DescendantTrivia().Any(IsNote);
    }

    private static bool IsNote(SyntaxTrivia trivia)
    {
        return trivia.ToFullString().Contains("SAFETY:", StringComparison.Ordinal);
    }
}
