@{
    Severity     = @('Error', 'Warning')
    # It does not see that the functions of a script use the script's parameters.
    ExcludeRules = @('PSReviewUnusedParameter')
}
