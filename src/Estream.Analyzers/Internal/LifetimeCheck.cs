using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Analyzers.Internal;

/// <summary>Checks one method. Follows the memory of queues from the call that returns it to its last use.</summary>
internal sealed class LifetimeCheck
{
    private readonly SyntaxNode _body;
    private readonly SemanticModel _model;

    // The owners and claims on which a local depends, and the places where a local gets another value.
    private readonly Dictionary<ISymbol, HashSet<ISymbol>> _owners = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, List<int>> _assigned = new(SymbolEqualityComparer.Default);
    private readonly List<Ending> _endings = [];

    public LifetimeCheck(SyntaxNode body, SemanticModel model)
    {
        _body = body;
        _model = model;
    }

    public IEnumerable<Diagnostic> Run()
    {
        SyntaxNode[] nodes = [.. _body.DescendantNodes()];
        foreach (SyntaxNode node in nodes)
        {
            Follow(node);
            NoteEnding(node);
        }

        return nodes.OfType<IdentifierNameSyntax>().Select(CheckUse)
            .Concat(nodes.OfType<InvocationExpressionSyntax>().Select(CheckClaim)).OfType<Diagnostic>();
    }

    private void Follow(SyntaxNode node)
    {
        switch (node)
        {
            case VariableDeclaratorSyntax { Initializer.Value: { } value } declarator:
                Assign(_model.GetDeclaredSymbol(declarator), value, declarator.SpanStart, isOut: false);
                break;
            case AssignmentExpressionSyntax assignment when assignment.IsKind(SyntaxKind.SimpleAssignmentExpression):
                Assign(_model.GetSymbolInfo(assignment.Left).Symbol, assignment.Right, assignment.SpanStart, isOut: false);
                break;
            case ArgumentSyntax { RefOrOutKeyword.RawKind: (int)SyntaxKind.OutKeyword, Expression: var target } argument
                when argument.Parent?.Parent is InvocationExpressionSyntax call:
                Assign(TargetOf(target), call, argument.SpanStart, isOut: true);
                break;
        }
    }

    private ISymbol? TargetOf(ExpressionSyntax target) =>
        target is DeclarationExpressionSyntax { Designation: SingleVariableDesignationSyntax designation }
            ? _model.GetDeclaredSymbol(designation)
            : _model.GetSymbolInfo(target).Symbol;

    private void Assign(ISymbol? target, ExpressionSyntax value, int position, bool isOut)
    {
        if (target is null || TypeOf(target) is not { } type)
        {
            return;
        }

        if (!_assigned.TryGetValue(target, out List<int>? places))
        {
            _assigned.Add(target, places = []);
        }

        places.Add(position);
        bool isOwner = EstreamTypes.IsOwner(type);
        if (!isOwner && !type.IsRefLikeType)
        {
            return;
        }

        HashSet<ISymbol> owners = new(SymbolEqualityComparer.Default);
        foreach (IdentifierNameSyntax name in value.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>())
        {
            if (_model.GetSymbolInfo(name).Symbol is { } symbol && IsFollowed(symbol)
                && !SymbolEqualityComparer.Default.Equals(symbol, target) && Flows(name, value, isOut))
            {
                owners.Add(symbol);
                owners.UnionWith(_owners.TryGetValue(symbol, out HashSet<ISymbol>? more) ? more : []);
            }
        }

        _owners[target] = owners;
    }

    private bool IsFollowed(ISymbol symbol) =>
        TypeOf(symbol) is { } type && (EstreamTypes.IsOwner(type) || EstreamTypes.IsClaim(type) || _owners.ContainsKey(symbol));

    // Whether the memory of a name can be in a value: every expression from the name outwards is memory or an owner. The length of a span
    // is neither, nor is an array copied from it.
    private bool Flows(ExpressionSyntax name, ExpressionSyntax value, bool isOut)
    {
        for (SyntaxNode? node = name; node is not null; node = node.Parent)
        {
            if (node is ExpressionSyntax expression && _model.GetTypeInfo(expression).Type is { } type && !type.IsRefLikeType
                && !EstreamTypes.IsOwner(type) && type.TypeKind != TypeKind.Error)
            {
                // A call such as TryRead returns a bool; the memory is in its out argument.
                return isOut && node == value;
            }

            if (node == value)
            {
                break;
            }
        }

        return true;
    }

    private void NoteEnding(SyntaxNode node)
    {
        switch (node)
        {
            case ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } }
                when Container(node) is { } container && _model.GetSymbolInfo(called.Expression).Symbol is { } symbol
                && Ends(symbol, called.Name.Identifier.ValueText):
                _endings.Add(new Ending(symbol, container, node.Span.End));
                break;
            case UsingStatementSyntax { Declaration: { } declaration } when Container(node) is { } container:
                _endings.AddRange(declaration.Variables.Select(variable => _model.GetDeclaredSymbol(variable))
                    .Where(symbol => symbol is not null && EstreamTypes.IsOwner(TypeOf(symbol)))
                    .Select(symbol => new Ending(symbol!, container, node.Span.End)));
                break;
        }
    }

    private static bool Ends(ISymbol symbol, string method) => EstreamTypes.IsClaim(TypeOf(symbol))
        ? method is "Commit" or "CommitUnchecked" or "Dispose"
        : method == "Dispose" && EstreamTypes.IsOwner(TypeOf(symbol));

    private static SyntaxNode? Container(SyntaxNode statement) => statement.Parent switch
    {
        BlockSyntax block => block,
        GlobalStatementSyntax { Parent: CompilationUnitSyntax unit } => unit,
        _ => null,
    };

    private Diagnostic? CheckUse(IdentifierNameSyntax name)
    {
        if (_model.GetSymbolInfo(name).Symbol is not { } symbol || TypeOf(symbol) is not { IsRefLikeType: true } || IsTarget(name))
        {
            return null;
        }

        foreach (Ending ending in _endings)
        {
            if (ending.Position > name.SpanStart || !name.Ancestors().Contains(ending.Container)
                || IsAssignedBetween(symbol, ending.Position, name.SpanStart) || !Concerns(ending, symbol, name))
            {
                continue;
            }

            DiagnosticDescriptor rule = EstreamTypes.IsClaim(TypeOf(ending.Symbol)) ? Rules.UsedAfterCommit : Rules.UsedAfterDispose;
            return Diagnostic.Create(rule, name.GetLocation(), symbol.Name, ending.Symbol.Name);
        }

        return null;
    }

    private bool Concerns(in Ending ending, ISymbol symbol, IdentifierNameSyntax name)
    {
        if (SymbolEqualityComparer.Default.Equals(ending.Symbol, symbol))
        {
            return EstreamTypes.IsClaim(TypeOf(symbol)) && name.Parent is MemberAccessExpressionSyntax access && access.Expression == name
                && access.Name.Identifier.ValueText is not ("Position" or "Dispose");
        }

        // A claim ends with its appender, but not with the tailer that it was made for. Disposing the ended claim does nothing.
        return _owners.TryGetValue(symbol, out HashSet<ISymbol>? owners) && owners.Contains(ending.Symbol)
            && name.Parent is not MemberAccessExpressionSyntax
            {
                Name.Identifier.ValueText: "Dispose" or "Position" or "Sequence" or "Time",
            };
    }

    // Whether the name gets a new value here, so that the old one is not used.
    private static bool IsTarget(IdentifierNameSyntax name) =>
        (name.Parent is AssignmentExpressionSyntax assignment && assignment.Left == name)
        || name.Parent is ArgumentSyntax { RefOrOutKeyword.RawKind: (int)SyntaxKind.OutKeyword };

    private bool IsAssignedBetween(ISymbol symbol, int from, int to) =>
        _assigned.TryGetValue(symbol, out List<int>? places) && places.Exists(place => place >= from && place < to);

    private Diagnostic? CheckClaim(InvocationExpressionSyntax call)
    {
        if (!EstreamTypes.IsClaim(_model.GetTypeInfo(call).Type))
        {
            return null;
        }

        bool isOpen = call.Parent switch
        {
            ExpressionStatementSyntax => true,
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator } => IsNeverEnded(declarator),
            _ => false,
        };
        return isOpen ? Diagnostic.Create(Rules.OpenClaim, call.GetLocation()) : null;
    }

    private bool IsNeverEnded(VariableDeclaratorSyntax declarator)
    {
        bool isUsing = declarator.Parent?.Parent is UsingStatementSyntax
            || (declarator.Parent?.Parent is LocalDeclarationStatementSyntax statement && !statement.UsingKeyword.IsKind(SyntaxKind.None));
        return !isUsing && _model.GetDeclaredSymbol(declarator) is { } claim
            && !_body.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
                name.Identifier.ValueText == claim.Name && SymbolEqualityComparer.Default.Equals(_model.GetSymbolInfo(name).Symbol, claim)
                && MayEnd(name));
    }

    // Whether a use of a claim ends it, or passes it on to code that may.
    private static bool MayEnd(IdentifierNameSyntax name) =>
        name.Parent is not MemberAccessExpressionSyntax access || access.Expression != name
        || access.Name.Identifier.ValueText is "Commit" or "CommitUnchecked" or "Dispose";

    private static ITypeSymbol? TypeOf(ISymbol symbol) => symbol switch
    {
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        _ => null,
    };
}
