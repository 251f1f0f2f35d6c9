namespace Estream.Map.Internal;

/// <summary>What the log of a batch says at one moment to who only looks at it.</summary>
/// <param name="Turn">How many batches began and ended in it.</param>
/// <param name="Owner">Who is applying the last of them, or had been; nobody when it is made.</param>
internal readonly record struct BatchMoment(long Turn, long Owner);
