using Microsoft.CodeAnalysis;

namespace Estream.Analyzers.Internal;

/// <summary>Recognizes the types whose lifetimes matter.</summary>
internal static class EstreamTypes
{
    /// <summary>Whether a type is a claim or a batch: a ref struct that ends with a commit.</summary>
    public static bool IsClaim(ITypeSymbol? type) =>
        type is { IsRefLikeType: true, Name: "AppendClaim" or "BatchClaim" or "EsfClaim" or "EsfBatch" } && IsOfEstream(type);

    /// <summary>Whether a type is a class of Estream, such as a queue, a tailer or an appender, whose memory ref structs expose.</summary>
    public static bool IsOwner(ITypeSymbol? type) => type is { TypeKind: TypeKind.Class } && IsOfEstream(type);

    private static bool IsOfEstream(ITypeSymbol type)
    {
        INamespaceSymbol? space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
        {
            space = space.ContainingNamespace;
        }

        return space is { IsGlobalNamespace: false, Name: "Estream" };
    }
}
