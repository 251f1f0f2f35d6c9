using Microsoft.CodeAnalysis;

namespace Estream.Analyzers.Internal;

/// <summary>A statement after which the memory of an owner, or a claim, must not be used.</summary>
internal readonly struct Ending
{
    public Ending(ISymbol symbol, SyntaxNode container, int position)
    {
        Symbol = symbol;
        Container = container;
        Position = position;
    }

    /// <summary>The disposed owner, or the committed claim.</summary>
    public ISymbol Symbol { get; }

    /// <summary>The block that contains the statement. Every later statement of the block runs after it.</summary>
    public SyntaxNode Container { get; }

    /// <summary>The end of the statement in the source.</summary>
    public int Position { get; }
}
