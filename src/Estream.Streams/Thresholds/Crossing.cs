namespace Estream.Streams;

/// <summary>That the value of a key crossed a threshold.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">What is kept of the event.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="IsRaised">Whether it is raised from here on, or cleared.</param>
/// <param name="Value">The value that crossed it.</param>
/// <param name="Event">What is kept of the event whose value that is.</param>
public readonly record struct Crossing<TKey, TValue>(TKey Key, bool IsRaised, double Value, TValue Event)
    where TKey : unmanaged
    where TValue : unmanaged;
