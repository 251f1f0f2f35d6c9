namespace Estream.Esf;

/// <summary>
/// States that messages of one schema begin with the fields of another, and names the related types: <c>PlacedReading.Extending</c> in
/// generated code. The value is empty. The compiler infers types from it, and rejects a conversion step whose input is not the output of
/// the previous step.
/// </summary>
/// <typeparam name="TBase">The view of the extended schema.</typeparam>
/// <typeparam name="TWider">The view of the extending schema.</typeparam>
/// <typeparam name="TAdditions">The writer of the additional fields.</typeparam>
public readonly record struct EsfExtension<TBase, TWider, TAdditions>
    where TBase : struct, IEsfView<TBase>, allows ref struct
    where TWider : struct, IEsfView<TWider>, IEsfExtends<TBase>, allows ref struct
    where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct;
