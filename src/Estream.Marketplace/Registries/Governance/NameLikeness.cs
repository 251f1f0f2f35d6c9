namespace Estream.Marketplace.Names;

/// <summary>A name that could be taken for another one: a person looks at it before anybody is offered it.</summary>
/// <param name="Kind">In what they are alike.</param>
/// <param name="Other">The component it could be taken for.</param>
/// <param name="Text">The text that is like one of the other.</param>
public sealed record NameLikeness(NameLikenessKind Kind, ComponentName Other, string Text)
{
    /// <summary>The likeness for people.</summary>
    public override string ToString() => Kind switch
    {
        NameLikenessKind.Name => $"'{Text}' looks like {Other}, which another owner has",
        NameLikenessKind.Scope => $"the scope '{Text}' looks like that of {Other}, which another owner has",
        NameLikenessKind.OneLetter => $"'{Text}' is one letter from {Other}, which many use",
        _ => $"'{Text}' looks like what {Other} of another owner is shown as",
    };
}

/// <summary>In what two components are alike.</summary>
public enum NameLikenessKind
{
    /// <summary>Their names look the same, or differ in hyphens alone.</summary>
    Name,

    /// <summary>Their scopes do.</summary>
    Scope,

    /// <summary>One letter more, less, changed or exchanged with its neighbour makes it the name of a component that many use.</summary>
    OneLetter,

    /// <summary>What people are shown looks the same.</summary>
    Shown,
}
