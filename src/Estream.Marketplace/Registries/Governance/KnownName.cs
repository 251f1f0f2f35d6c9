namespace Estream.Marketplace.Names;

/// <summary>A component that a registry has, as far as others are compared with it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shown">What people are shown beside it and take it for: the name of its author, a title. Null where there is
/// nothing.</param>
/// <param name="IsPopular">Whether many use it, so that names one letter away are for those who mistype it.</param>
public sealed record KnownName(ComponentName Name, string? Shown = null, bool IsPopular = false);
