namespace Estream.Marketplace.Resolution;

/// <summary>How a run of the solver ended.</summary>
internal enum SolverOutcome
{
    /// <summary>Every package that has to be there has a version.</summary>
    Solved,

    /// <summary>There is no solution.</summary>
    Conflict,

    /// <summary>The limit was reached before it was known.</summary>
    TooManySteps,
}
