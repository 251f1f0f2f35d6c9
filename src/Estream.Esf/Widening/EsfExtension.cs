namespace Estream.Esf;

/// <summary>
/// Says that messages of one schema begin with the fields of another, and which types go with that: <c>PlacedReading.Extending</c> in
/// generated code. It has no content; the compiler infers types from it, and refuses a step that does not follow from the one before.
/// </summary>
/// <typeparam name="TBase">The view of the schema that is extended.</typeparam>
/// <typeparam name="TWider">The view of the schema that extends it.</typeparam>
/// <typeparam name="TAdditions">The writer of what that has more.</typeparam>
public readonly record struct EsfExtension<TBase, TWider, TAdditions>
    where TBase : struct, IEsfView<TBase>, allows ref struct
    where TWider : struct, IEsfView<TWider>, IEsfExtends<TBase>, allows ref struct
    where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct;
